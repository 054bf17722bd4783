-- The part of 0005 that 0010 cannot do: in a database with the log alone, 0010 ran before these functions existed.
revoke all on function take_lease, renew_lease, release_lease, advance from public;
