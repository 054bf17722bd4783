alter table {view} add primary key (customer);
create index on {view} (spend);
