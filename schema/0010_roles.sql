-- The rights of a role that only appends, and of one that only reads, whichever parts of the schema exist: each call
-- grants rights on the objects that exist at that time. Call it again after the other part has been added.

create or replace function grant_append(appender regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    if to_regproc(format('%I.append', current_schema())) is null then
        raise exception 'there is no event log in schema "%"', current_schema()
            using errcode = 'undefined_function', hint = 'Call grant_append() where the log is, or migrate the log''s part here.';
    end if;
    execute format('grant usage on schema %I to %s', current_schema(), appender);
    -- EXECUTE on the append functions, which run with their owner's rights: no INSERT, no sequence of its own.
    execute format('grant execute on function append, append_one to %s', appender);
end $$;

create or replace function grant_read(reader regrole) returns void
language plpgsql volatile set search_path from current
as $$
declare
    relation text;
begin
    execute format('grant usage on schema %I to %s', current_schema(), reader);
    foreach relation in array array[
        'events', 'positions', 'log_identity', 'projections', 'rebuilds', 'offsets', 'migrations']
    loop
        if to_regclass(format('%I.%I', current_schema(), relation)) is not null then
            execute format('grant select on %I to %s', relation, reader);
        end if;
    end loop;
end $$;

revoke all on function grant_append, grant_read from public;
