DROP INDEX outbox_by_report;
ALTER TABLE outbox DROP COLUMN report_id;
DROP TABLE absences;
DROP TABLE reports;
