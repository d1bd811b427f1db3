-- All that an org has set, as of one moment. Bounded by what an org may have.
--   $1 text org
SELECT
  coalesce((SELECT version FROM org_rules WHERE org = $1), 0) AS version,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('key', key, 'value', value, 'version', version,
      'update_time', extract(epoch FROM update_time) * 1000, 'actor', actor) ORDER BY key)
    FROM org_config WHERE org = $1
  ), '[]') AS parameters,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('org', org, 'policy_id', policy_id, 'version', version, 'kind', kind,
      'rule', rule, 'on_error', on_error, 'deadline_ms', deadline_ms, 'description', description,
      'create_time', extract(epoch FROM create_time) * 1000, 'actor', actor, 'deleted', deleted) ORDER BY policy_id)
    FROM (SELECT DISTINCT ON (policy_id) * FROM policy WHERE org = $1 ORDER BY policy_id, version DESC) AS newest
    WHERE NOT deleted
  ), '[]') AS policies,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('org', org, 'kind', kind, 'input_schema', input_schema,
      'required_fields', required_fields, 'validate', validate, 'description', description,
      'preemptible', preemptible, 'version', version,
      'update_time', extract(epoch FROM update_time) * 1000, 'actor', actor) ORDER BY kind)
    FROM job_kind WHERE org = $1
  ), '[]') AS job_kinds
