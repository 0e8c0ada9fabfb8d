DROP INDEX outbox_by_lane;
CREATE INDEX outbox_by_lane ON outbox (lane, state, id);
