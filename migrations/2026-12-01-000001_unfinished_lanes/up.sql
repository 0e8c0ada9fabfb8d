-- A lane is asked for what is unfinished in it: what has ended, which is nearly all, needs no entry.
DROP INDEX outbox_by_lane;
CREATE INDEX outbox_by_lane ON outbox (lane, state, id) WHERE state = 'scheduled' OR state = 'executing' OR state = 'retryable';
