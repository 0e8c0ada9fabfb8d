-- Queries of a lane need unfinished rows only. Finished rows, nearly all of them, need no index entry.
DROP INDEX outbox_by_lane;
CREATE INDEX outbox_by_lane ON outbox (lane, state, id) WHERE state = 'scheduled' OR state = 'executing' OR state = 'retryable';
