-- Says what jobs of a kind are like, whatever was said before.
--   $1 text org        $2 text kind          $3 text schema (JSON, null: none)   $4 text required fields (JSON)
--   $5 text validate   $6 text description   $7 boolean preemptible              $8 bigint version
--   $9 text actor
INSERT INTO job_kind (org, kind, input_schema, required_fields, validate, description, preemptible, version, actor)
VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6, $7, $8::bigint, $9)
ON CONFLICT (org, kind) DO UPDATE
SET input_schema = excluded.input_schema, required_fields = excluded.required_fields, validate = excluded.validate,
  description = excluded.description, preemptible = excluded.preemptible, version = excluded.version,
  update_time = excluded.update_time, actor = excluded.actor
RETURNING
-- include ./parts/job-kind-columns.sql
