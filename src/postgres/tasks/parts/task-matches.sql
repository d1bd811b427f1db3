    -- Whether the task `t` with its spec `s` (read only if $12) is chosen by the filter.
    coalesce(
      (cardinality($5::text[]) = 0 OR t.state = ANY ($5::text[]))
      AND (cardinality($6::text[]) = 0 OR t.tier = ANY ($6::text[]))
      AND (cardinality($7::text[]) = 0 OR t.agent_id = ANY ($7::text[]))
      AND ($8::float8 IS NULL OR t.create_time >= to_timestamp($8::float8 / 1000))
      AND ($9::float8 IS NULL OR t.create_time < to_timestamp($9::float8 / 1000))
      AND ($10::float8 IS NULL OR t.finish_time >= to_timestamp($10::float8 / 1000))
      AND ($11::float8 IS NULL OR t.finish_time < to_timestamp($11::float8 / 1000))
      AND ($17::uuid IS NULL OR t.workflow_id = $17::uuid)
      AND (NOT $12::boolean OR (
        (cardinality($13::text[]) = 0 OR s.kind = ANY ($13::text[]))
        AND s.labels @> $14::jsonb
        AND (cardinality($15::text[]) = 0 OR s.source = ANY ($15::text[]))
        AND (cardinality($16::text[]) = 0 OR s.submitter_subject_id = ANY ($16::text[])))),
      false) AS matches
