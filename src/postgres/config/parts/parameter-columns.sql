  key, value, version, update_time, actor
