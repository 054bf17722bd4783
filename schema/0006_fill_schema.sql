-- The schema in which a rebuild makes the tables of a projection that writes tables of its own; null for a view, whose table is
-- in "projections". It is dropped when its rows have taken the place of those that are read, or when they are given up.

alter table rebuilds add column fill_schema text;
