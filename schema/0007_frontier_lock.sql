-- Holds the frontier below every position that the caller will draw. A role that only appends can write the
-- transaction's note and take any lock by hand, so neither is believed: each append takes the floor lock itself before
-- it draws positions. Tampering with the note or the lock table can hold readers back, but never let them pass an
-- event.
--
-- The note only spares lock entries: "<transaction> <floor>". A lock that the transaction already has can be taken
-- again at no cost, so an append uses the noted floor if it is at or below the true one, and not so far below that
-- readers, which see only its low half, could mistake it for another.
--
-- As before, assignments in place of queries: they halve the cost of all this.
create or replace function hold_frontier() returns void
language plpgsql volatile
as $hold$
declare
    floor bigint := coalesce(pg_sequence_last_value('positions'), 0);
    note text := current_setting('hindsight.floor_' || log_class()::text, true);
    noted bigint;
    ignored text;
begin
    -- Never less durable than a local flush: an offset must not survive its event.
    if current_setting('synchronous_commit') = 'off' then
        ignored := set_config('synchronous_commit', 'local', true);
    end if;
    if frontier_hold_limit() > interval '0' then
        if current_setting('idle_in_transaction_session_timeout') = '0'
            or current_setting('idle_in_transaction_session_timeout')::interval > frontier_hold_limit()
        then
            ignored := set_config(
                'idle_in_transaction_session_timeout', ceil(extract(epoch from frontier_hold_limit()) * 1000)::text, true);
        end if;
    end if;
    if note <> '' then
        if split_part(note, ' ', 1) = pg_current_xact_id()::text then
            note := split_part(note, ' ', 2);
            -- Any text may be in the note; it must not make an append fail.
            if length(note) between 1 and 18 and translate(note, '0123456789', '') = '' then
                noted := note::bigint;
                if noted between floor - 16777216 and floor then
                    floor := noted;
                end if;
            end if;
        end if;
    end if;
    -- The exception clause makes a subtransaction, and hands its lock to the transaction around it. Without one, the
    -- lock would belong to the statement: a cursor that appends, and later fails within a savepoint, would lose it in
    -- the rollback to that savepoint, but keep the events that it had appended before.
    begin
        ignored := pg_advisory_xact_lock_shared(log_class(), low_half(floor))::text;
    exception when assert_failure then
        raise;
    end;
    ignored := set_config(
        'hindsight.floor_' || log_class()::text, pg_current_xact_id()::text || ' ' || floor::text, true);
end $hold$;
