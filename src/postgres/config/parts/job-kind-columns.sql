  org, kind, input_schema, required_fields, validate, description, preemptible, version, update_time, actor
