DROP TABLE meta;
DROP TABLE gaps;
DROP TABLE tool_effects;
DROP TABLE outbox;
DROP TABLE dialogs;
DROP TABLE inbox;
DROP TABLE threads;
DROP TABLE customers;
