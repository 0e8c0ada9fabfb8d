DROP INDEX inbox_by_use;
DROP INDEX dialogs_in_order;
