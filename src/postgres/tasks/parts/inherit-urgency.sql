-- What BLOCKED tasks wait for becomes at least as urgent as they are. From `urging` (n, id, score, band, blocked),
-- `concerned` (org, id, n, named) with what each waits for, itself or over others (`named`: by an edge that is
-- new), and `upstream` (org, id, waits,
-- score, inherited_score, band) with those as they are, locked. Gives `inherited`, one row a task that
-- became more urgent, with the n of one that it was for.
urgency AS MATERIALIZED (
  SELECT w.*,
    u.waits AND coalesce(
      w.score < least(u.score, u.inherited_score) OR (w.human AND u.band <> 'HUMAN'), false) AS urges
  FROM (
    SELECT c.org, c.id, min(i.score) FILTER (WHERE i.blocked) AS score,
      coalesce(bool_or(i.band = 'HUMAN') FILTER (WHERE i.blocked), false) AS human,
      max(i.n) FILTER (WHERE i.blocked) AS n, bool_or(c.named) AS named
    FROM concerned AS c JOIN urging AS i ON i.n = c.n
    GROUP BY c.org, c.id
  ) AS w
  JOIN upstream AS u ON u.org = w.org AND u.id = w.id
),
marked AS (
  UPDATE task SET has_dependents = true,
    inherited_score = CASE WHEN u.urges THEN least(task.inherited_score, u.score) ELSE task.inherited_score END,
    score = CASE WHEN u.urges AND task.state <> 'BLOCKED' THEN least(task.score, u.score) ELSE task.score END,
    band = CASE WHEN u.urges AND u.human THEN 'HUMAN' ELSE task.band END,
    seq = task.seq + CASE WHEN u.urges THEN 1 ELSE 0 END
  FROM urgency AS u
  WHERE task.org = u.org AND task.id = u.id AND (u.urges OR (u.named AND task.state <> 'SUCCEEDED'))
  RETURNING u.n, u.urges, task.*
),
inherited AS (
  SELECT * FROM marked WHERE urges
),
inherited_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, reason, detail)
  SELECT h.org, h.id, h.seq, 'URGENCY_INHERITED', h.state, h.epoch, h.series, h.attempt, h.deliveries, NULL, '',
    jsonb_build_object('score', h.score, 'band', h.band, 'from', i.id)
  FROM inherited AS h JOIN urging AS i ON i.n = h.n
)
