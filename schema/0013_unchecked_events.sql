-- The append functions check their events since 0012. Online: it needs the table for itself for a moment.
alter table events
    drop constraint if exists events_version_check,
    drop constraint if exists events_schema_version_check,
    drop constraint if exists events_stream_check,
    drop constraint if exists events_type_check
