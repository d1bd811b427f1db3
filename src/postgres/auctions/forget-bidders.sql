-- Forgets bidders of which nothing was heard for so long, and awards whose end nobody saw.
--   $1 bigint ms
WITH awards AS (
  DELETE FROM auction_award WHERE award_time < now() - $1::bigint * interval '1 ms'
)
DELETE FROM bidder WHERE update_time < now() - $1::bigint * interval '1 ms'
