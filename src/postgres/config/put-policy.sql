-- Adds a version of a policy.
--   $1 text org        $2 text policy id     $3 bigint version      $4 text kind    $5 text rule (JSON)
--   $6 text on_error   $7 bigint deadline ms (null: as usual)       $8 text description
--   $9 text actor      $10 boolean it says that the policy is deleted
INSERT INTO policy (org, policy_id, version, kind, rule, on_error, deadline_ms, description, actor, deleted)
VALUES ($1, $2, $3::bigint, $4, $5::jsonb, $6, $7::bigint, $8, $9, $10)
RETURNING
-- include ./parts/policy-columns.sql
