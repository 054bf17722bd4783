-- The part of 0005 that 0010 cannot do: in a database that had the log alone, 0010 came before these functions.
revoke all on function take_lease, renew_lease, release_lease, advance from public;
