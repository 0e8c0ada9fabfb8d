DELETE FROM meta WHERE key IN ('inbox_to_empty', 'outbox_to_empty');
ALTER TABLE dialogs DROP COLUMN lost;
ALTER TABLE successful_dialogs DROP COLUMN letter;
ALTER TABLE outbox DROP COLUMN lead_ids;
DROP TABLE floods;
DROP TABLE arrivals;
