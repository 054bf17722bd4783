alter table {view} add primary key (day, country);
