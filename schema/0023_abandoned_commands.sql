-- Commands that were decided and not ended: the node that was at work on them has died, and whoever handed them in does not repeat them.
-- Another node takes them to their end. What it has taken up, the others leave to it for a while; a note of the time, and not a lock,
-- so that one that hangs keeps nothing from the others.

alter table receipts add column taken_up_at timestamptz;

-- What is at work at the moment, and those: few.
create index receipts_decided on receipts (log, decided_at) where decision is not null;
