  org, kind, input_schema, required_fields, validate, description, version, update_time, actor
