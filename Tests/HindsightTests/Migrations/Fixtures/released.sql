-- What a program with the first six migrations left behind: accounts and turnover up to date when it ended, ten events
-- appended since; turnover rebuilt, with the rows of before kept; version 2 of accounts half rebuilt by a process that was
-- lost; a durable subscription that has handled 25 events.
set local search_path = hindsight, pg_temp;

create table account_v1 (
    id text not null primary key, entries bigint not null, balance bigint not null, last_position bigint not null);
create view public.account as select * from account_v1;
create table account_v2 (
    id text not null, entries bigint not null, balance bigint not null, last_position bigint not null);
create table account_v2_c (
    id text, entries bigint, balance bigint, last_position bigint, "hindsight run" bigint not null,
    "hindsight deleted" boolean not null);
create table turnover_v1 (
    kind text not null, digit bigint not null, events bigint not null, amount bigint not null, largest bigint,
    last_request text, primary key (kind, digit));
create index on turnover_v1 (amount, digit);
create table turnover_v1_2 (
    kind text not null, digit bigint not null, events bigint not null, amount bigint not null, largest bigint,
    last_request text, primary key (kind, digit));
create index on turnover_v1_2 (amount, digit);
create view public.turnover as select * from turnover_v1_2;

truncate log_identity;

insert into account_v1 (id, entries, balance, last_position) values
    ('8', 1, -20, 6),
    ('13', 1, 10, 12),
    ('29', 1, 45, 16403),
    ('25', 1, 53, 16408),
    ('30', 3, 29, 32801),
    ('33', 2, -50, 32798),
    ('10', 2, 133, 65607),
    ('31', 2, 133, 32796),
    ('11', 1, 81, 49197),
    ('24', 2, 89, 87494),
    ('38', 5, 92, 65609),
    ('27', 3, 9, 49200),
    ('36', 4, 187, 32800),
    ('3', 2, 32, 32797),
    ('35', 2, 30, 49192),
    ('16', 2, 109, 65606),
    ('2', 1, 39, 32793),
    ('0', 2, -19, 65605),
    ('20', 2, 176, 65608),
    ('21', 1, 42, 49189),
    ('32', 1, 35, 49193),
    ('1', 1, 17, 49194),
    ('14', 2, -68, 49196),
    ('34', 1, 73, 65610),
    ('22', 2, -43, 87492),
    ('26', 1, -93, 65612),
    ('17', 2, 94, 87488),
    ('39', 2, 51, 87491),
    ('6', 1, -50, 87485),
    ('7', 1, -14, 87486);

insert into account_v2 (id, entries, balance, last_position) values
    ('30', 1, -164, 1),
    ('24', 1, 190, 10),
    ('35', 2, 60, 49192),
    ('11', 1, 162, 49197),
    ('13', 1, 20, 12),
    ('27', 3, 18, 49200),
    ('8', 1, -40, 6),
    ('31', 2, 266, 32796),
    ('0', 1, -60, 32795),
    ('32', 1, 70, 49193),
    ('36', 4, 374, 32800),
    ('14', 2, -136, 49196),
    ('33', 2, -100, 32798),
    ('1', 1, 34, 49194),
    ('10', 1, 166, 4),
    ('3', 2, 64, 32797),
    ('38', 2, 34, 32802),
    ('21', 1, 84, 49189),
    ('29', 1, 90, 16403),
    ('9', 1, -46, 16397),
    ('16', 1, 60, 16407),
    ('2', 1, 78, 32793),
    ('20', 1, 186, 32803),
    ('25', 1, 106, 16408);

insert into account_v2_c (id, entries, balance, last_position, "hindsight run", "hindsight deleted") values
    ('30', 3, 58, 32801, 49200, 'f');

insert into events ("position", version, occurred_at, recorded_at, id, schema_version, stream, type, correlation_id, causation_id, data, metadata) values
    (1, 0, '2026-11-25 19:35:33.08087+00', '2026-11-25 19:35:33.091872+00', '01a21434-c7d8-7deb-9452-c26c711797c7', 1, 'account-30', 'Withdrawn', 'request 1', null, '{"amount":82}', null),
    (2, 0, '2026-11-25 19:35:33.081425+00', '2026-11-25 19:35:33.092254+00', '01a21434-c7d9-76cc-8564-41e19b9c10eb', 1, 'account-33', 'Withdrawn', 'request 2', null, '{"amount":68}', null),
    (3, 0, '2026-11-25 19:35:33.081451+00', '2026-11-25 19:35:33.092272+00', '01a21434-c7d9-7737-98e1-10b9e79ead16', 1, 'account-18', 'Transferred', null, null, '{"amount":5,"to":"25"}', null),
    (4, 0, '2026-11-25 19:35:33.081606+00', '2026-11-25 19:35:33.09228+00', '01a21434-c7d9-79b2-84a4-340a901bf65a', 1, 'account-10', 'Deposited', 'request 4', null, '{"amount":83}', null),
    (5, 1, '2026-11-25 19:35:33.081688+00', '2026-11-25 19:35:33.092288+00', '01a21434-c7d9-7b02-932f-6d8bff6f8710', 1, 'account-18', 'Deposited', 'request 5', null, '{"amount":46}', null),
    (6, 0, '2026-11-25 19:35:33.081701+00', '2026-11-25 19:35:33.092295+00', '01a21434-c7d9-7b37-9444-9ddf70d74563', 1, 'account-8', 'Withdrawn', null, null, '{"amount":20}', null),
    (7, 0, '2026-11-25 19:35:33.081712+00', '2026-11-25 19:35:33.092302+00', '01a21434-c7d9-7b64-9807-e9cc6c029875', 1, 'account-31', 'Deposited', 'request 7', null, '{"amount":67}', null),
    (8, 1, '2026-11-25 19:35:33.081721+00', '2026-11-25 19:35:33.092309+00', '01a21434-c7d9-7b89-8612-459250fc29b2', 1, 'account-30', 'Transferred', 'request 8', null, '{"amount":5,"to":"13"}', null),
    (9, 0, '2026-11-25 19:35:33.08173+00', '2026-11-25 19:35:33.092316+00', '01a21434-c7d9-7bae-8d2c-60eb6be57755', 1, 'account-11', 'Closed', null, null, '{}', null),
    (10, 0, '2026-11-25 19:35:33.081823+00', '2026-11-25 19:35:33.092323+00', '01a21434-c7d9-7d2b-8da8-9dcac5b3b4e2', 1, 'account-24', 'Deposited', 'request 10', null, '{"amount":95}', null),
    (11, 0, '2026-11-25 19:35:33.083546+00', '2026-11-25 19:35:33.09233+00', '01a21434-c7db-78bc-8e28-f42c1e10648b', 1, 'account-38', 'Deposited', 'request 11', null, '{"amount":23}', null),
    (12, 0, '2026-11-25 19:35:33.083578+00', '2026-11-25 19:35:33.092336+00', '01a21434-c7db-793f-84f0-d3d934fc39df', 1, 'account-13', 'Deposited', null, null, '{"amount":10}', null),
    (16397, 0, '2026-11-25 19:35:33.185398+00', '2026-11-25 19:35:33.193921+00', '01a21434-c841-765e-8eca-662cf00daaa1', 1, 'account-9', 'Withdrawn', 'request 1', null, '{"amount":23}', null),
    (16398, 0, '2026-11-25 19:35:33.185531+00', '2026-11-25 19:35:33.194066+00', '01a21434-c841-787e-8a32-62590573919a', 1, 'account-27', 'Withdrawn', 'request 2', null, '{"amount":51}', null),
    (16399, 0, '2026-11-25 19:35:33.185549+00', '2026-11-25 19:35:33.19408+00', '01a21434-c841-78c8-87c9-ce4f46e74bb2', 1, 'account-35', 'Transferred', null, null, '{"amount":6,"to":"19"}', null),
    (16400, 0, '2026-11-25 19:35:33.18557+00', '2026-11-25 19:35:33.194091+00', '01a21434-c841-791e-8ecf-800908780e47', 1, 'account-36', 'Deposited', 'request 4', null, '{"amount":83}', null),
    (16401, 0, '2026-11-25 19:35:33.185582+00', '2026-11-25 19:35:33.194103+00', '01a21434-c841-794f-90db-9f1ec47165a7', 1, 'account-3', 'Withdrawn', 'request 5', null, '{"amount":57}', null),
    (16402, 1, '2026-11-25 19:35:33.185594+00', '2026-11-25 19:35:33.194115+00', '01a21434-c841-7981-9eef-46e5e0eda23c', 1, 'account-35', 'Withdrawn', null, null, '{"amount":15}', null),
    (16403, 0, '2026-11-25 19:35:33.185602+00', '2026-11-25 19:35:33.194127+00', '01a21434-c841-79a1-9cc5-79306ff1c45e', 1, 'account-29', 'Deposited', 'request 7', null, '{"amount":45}', null),
    (16404, 0, '2026-11-25 19:35:33.185611+00', '2026-11-25 19:35:33.194139+00', '01a21434-c841-79c6-8149-2b487d81848f', 1, 'account-32', 'Transferred', 'request 8', null, '{"amount":4,"to":"2"}', null),
    (16405, 1, '2026-11-25 19:35:33.185621+00', '2026-11-25 19:35:33.19415+00', '01a21434-c841-79ef-8f0d-601ceabdc6dd', 1, 'account-32', 'Transferred', null, null, '{"amount":8,"to":"12"}', null),
    (16406, 1, '2026-11-25 19:35:33.185631+00', '2026-11-25 19:35:33.194162+00', '01a21434-c841-7a18-899a-2698c4c83a86', 1, 'account-36', 'Deposited', 'request 10', null, '{"amount":35}', null),
    (16407, 0, '2026-11-25 19:35:33.18564+00', '2026-11-25 19:35:33.194173+00', '01a21434-c841-7a3d-85da-a4c5b4f02b7f', 1, 'account-16', 'Deposited', 'request 11', null, '{"amount":30}', null),
    (16408, 0, '2026-11-25 19:35:33.185648+00', '2026-11-25 19:35:33.194185+00', '01a21434-c841-7a5e-97d0-df6b522e36aa', 1, 'account-25', 'Deposited', null, null, '{"amount":53}', null),
    (32793, 0, '2026-11-25 19:35:33.245918+00', '2026-11-25 19:35:33.25412+00', '01a21434-c87d-7eb0-9d35-73d56500be7f', 1, 'account-2', 'Deposited', 'request 1', null, '{"amount":39}', null),
    (32794, 2, '2026-11-25 19:35:33.246019+00', '2026-11-25 19:35:33.254226+00', '01a21434-c87e-704d-8a42-2beb32a5b250', 1, 'account-36', 'Deposited', 'request 2', null, '{"amount":52}', null),
    (32795, 0, '2026-11-25 19:35:33.246034+00', '2026-11-25 19:35:33.254239+00', '01a21434-c87e-708b-8975-cbcac1a681ba', 1, 'account-0', 'Withdrawn', null, null, '{"amount":30}', null),
    (32796, 1, '2026-11-25 19:35:33.246049+00', '2026-11-25 19:35:33.25425+00', '01a21434-c87e-70c8-93cc-63cbc6ae3351', 1, 'account-31', 'Deposited', 'request 4', null, '{"amount":66}', null),
    (32797, 1, '2026-11-25 19:35:33.246058+00', '2026-11-25 19:35:33.25426+00', '01a21434-c87e-70ed-9f48-06fc5ba87375', 1, 'account-3', 'Deposited', 'request 5', null, '{"amount":89}', null),
    (32798, 1, '2026-11-25 19:35:33.246068+00', '2026-11-25 19:35:33.25427+00', '01a21434-c87e-7116-8d6b-a7b62802bd95', 1, 'account-33', 'Deposited', null, null, '{"amount":18}', null),
    (32799, 2, '2026-11-25 19:35:33.246076+00', '2026-11-25 19:35:33.254279+00', '01a21434-c87e-7137-903b-1a20ca1f90fd', 1, 'account-30', 'Deposited', 'request 7', null, '{"amount":11}', null),
    (32800, 3, '2026-11-25 19:35:33.246084+00', '2026-11-25 19:35:33.254288+00', '01a21434-c87e-7158-8fb0-14f475f7fcab', 1, 'account-36', 'Deposited', 'request 8', null, '{"amount":17}', null),
    (32801, 3, '2026-11-25 19:35:33.246092+00', '2026-11-25 19:35:33.254297+00', '01a21434-c87e-7178-97b3-f1dedd518b12', 1, 'account-30', 'Deposited', null, null, '{"amount":100}', null),
    (32802, 1, '2026-11-25 19:35:33.246101+00', '2026-11-25 19:35:33.254306+00', '01a21434-c87e-719d-9cdf-34380d24ff4b', 1, 'account-38', 'Withdrawn', 'request 10', null, '{"amount":6}', null),
    (32803, 0, '2026-11-25 19:35:33.246109+00', '2026-11-25 19:35:33.254314+00', '01a21434-c87e-71be-9632-85d54fa9b697', 1, 'account-20', 'Deposited', 'request 11', null, '{"amount":93}', null),
    (32804, 1, '2026-11-25 19:35:33.246118+00', '2026-11-25 19:35:33.254322+00', '01a21434-c87e-71e3-9ba2-82dd7fbbb695', 1, 'account-27', 'Deposited', null, null, '{"amount":74}', null),
    (49189, 0, '2026-11-25 19:35:33.301139+00', '2026-11-25 19:35:33.309854+00', '01a21434-c8b5-7239-8ce5-fc0222f780e6', 1, 'account-21', 'Deposited', 'request 1', null, '{"amount":42}', null),
    (49190, 0, '2026-11-25 19:35:33.301231+00', '2026-11-25 19:35:33.309949+00', '01a21434-c8b5-73b2-8b79-6ddc0777aa34', 1, 'account-22', 'Transferred', 'request 2', null, '{"amount":9,"to":"39"}', null),
    (49191, 2, '2026-11-25 19:35:33.301252+00', '2026-11-25 19:35:33.309962+00', '01a21434-c8b5-7408-8d5d-e4f69ec609f1', 1, 'account-32', 'Transferred', null, null, '{"amount":5,"to":"5"}', null),
    (49192, 2, '2026-11-25 19:35:33.301263+00', '2026-11-25 19:35:33.309972+00', '01a21434-c8b5-7435-80f3-0085784b1dad', 1, 'account-35', 'Deposited', 'request 4', null, '{"amount":45}', null),
    (49193, 3, '2026-11-25 19:35:33.301273+00', '2026-11-25 19:35:33.309983+00', '01a21434-c8b5-745e-9588-2f58e44a803e', 1, 'account-32', 'Deposited', 'request 5', null, '{"amount":35}', null),
    (49194, 0, '2026-11-25 19:35:33.301284+00', '2026-11-25 19:35:33.309993+00', '01a21434-c8b5-748b-9a63-24e02a9f2e4d', 1, 'account-1', 'Deposited', null, null, '{"amount":17}', null),
    (49195, 0, '2026-11-25 19:35:33.301292+00', '2026-11-25 19:35:33.310002+00', '01a21434-c8b5-74ac-9ee6-51b1fabdc080', 1, 'account-14', 'Deposited', 'request 7', null, '{"amount":25}', null),
    (49196, 1, '2026-11-25 19:35:33.301301+00', '2026-11-25 19:35:33.310011+00', '01a21434-c8b5-74d0-9111-370375aae94f', 1, 'account-14', 'Withdrawn', 'request 8', null, '{"amount":93}', null),
    (49197, 1, '2026-11-25 19:35:33.301313+00', '2026-11-25 19:35:33.31002+00', '01a21434-c8b5-7502-858d-7e40a09981c8', 1, 'account-11', 'Deposited', null, null, '{"amount":81}', null),
    (49198, 2, '2026-11-25 19:35:33.301321+00', '2026-11-25 19:35:33.310029+00', '01a21434-c8b5-7522-9e4d-cafc6f7d4ad3', 1, 'account-18', 'Closed', 'request 10', null, '{}', null),
    (49199, 0, '2026-11-25 19:35:33.301333+00', '2026-11-25 19:35:33.310039+00', '01a21434-c8b5-7553-9bd9-029a9eac4393', 1, 'account-12', 'Transferred', 'request 11', null, '{"amount":8,"to":"0"}', null),
    (49200, 2, '2026-11-25 19:35:33.301342+00', '2026-11-25 19:35:33.310048+00', '01a21434-c8b5-7578-9d5f-bc38335b534b', 1, 'account-27', 'Withdrawn', null, null, '{"amount":14}', null),
    (65601, 2, '2026-11-25 19:35:33.353263+00', '2026-11-25 19:35:33.392878+00', '01a21434-c8e9-7435-899a-79ea07970df3', 1, 'account-38', 'Deposited', 'request 1', null, '{"amount":24}', null),
    (65602, 0, '2026-11-25 19:35:33.353352+00', '2026-11-25 19:35:33.393051+00', '01a21434-c8e9-75a1-8dac-6d7fb13ff5f1', 1, 'account-34', 'Transferred', 'request 2', null, '{"amount":7,"to":"23"}', null),
    (65603, 3, '2026-11-25 19:35:33.353371+00', '2026-11-25 19:35:33.393061+00', '01a21434-c8e9-75ef-91f9-7f8fc1df4486', 1, 'account-27', 'Transferred', null, null, '{"amount":1,"to":"32"}', null),
    (65604, 3, '2026-11-25 19:35:33.353382+00', '2026-11-25 19:35:33.393069+00', '01a21434-c8e9-761c-8742-b9fc8270627b', 1, 'account-38', 'Deposited', 'request 4', null, '{"amount":99}', null),
    (65605, 1, '2026-11-25 19:35:33.353391+00', '2026-11-25 19:35:33.393075+00', '01a21434-c8e9-7641-89d3-c334482f55fa', 1, 'account-0', 'Deposited', 'request 5', null, '{"amount":11}', null),
    (65606, 1, '2026-11-25 19:35:33.353405+00', '2026-11-25 19:35:33.393081+00', '01a21434-c8e9-767a-9a4b-8fbca8b0c2ef', 1, 'account-16', 'Deposited', null, null, '{"amount":79}', null),
    (65607, 1, '2026-11-25 19:35:33.353414+00', '2026-11-25 19:35:33.393087+00', '01a21434-c8e9-769f-84dd-c499b75094e9', 1, 'account-10', 'Deposited', 'request 7', null, '{"amount":50}', null),
    (65608, 1, '2026-11-25 19:35:33.353422+00', '2026-11-25 19:35:33.393093+00', '01a21434-c8e9-76c0-8593-22d76415160c', 1, 'account-20', 'Deposited', 'request 8', null, '{"amount":83}', null),
    (65609, 4, '2026-11-25 19:35:33.353431+00', '2026-11-25 19:35:33.3931+00', '01a21434-c8e9-76e5-9776-813c5733c7d3', 1, 'account-38', 'Withdrawn', null, null, '{"amount":48}', null),
    (65610, 1, '2026-11-25 19:35:33.353442+00', '2026-11-25 19:35:33.393106+00', '01a21434-c8e9-7712-9889-f8095572dacc', 1, 'account-34', 'Deposited', 'request 10', null, '{"amount":73}', null),
    (65611, 1, '2026-11-25 19:35:33.35345+00', '2026-11-25 19:35:33.393112+00', '01a21434-c8e9-7733-9b32-02595aaafa4c', 1, 'account-22', 'Withdrawn', 'request 11', null, '{"amount":93}', null),
    (65612, 0, '2026-11-25 19:35:33.353458+00', '2026-11-25 19:35:33.393117+00', '01a21434-c8e9-7753-94c9-d56bb2381ab7', 1, 'account-26', 'Withdrawn', null, null, '{"amount":93}', null),
    (87483, 0, '2026-11-25 19:35:33.44067+00', '2026-11-25 19:35:33.442937+00', '01a21434-c940-7ab8-9875-bcbedf91198f', 1, 'account-17', 'Deposited', 'request 1', null, '{"amount":25}', null),
    (87484, 0, '2026-11-25 19:35:33.440767+00', '2026-11-25 19:35:33.443257+00', '01a21434-c940-7c45-9fe4-dc30b44c1287', 1, 'account-39', 'Deposited', 'request 2', null, '{"amount":10}', null),
    (87485, 0, '2026-11-25 19:35:33.440779+00', '2026-11-25 19:35:33.44327+00', '01a21434-c940-7c76-85ce-34efdbabfa47', 1, 'account-6', 'Withdrawn', null, null, '{"amount":50}', null),
    (87486, 0, '2026-11-25 19:35:33.440791+00', '2026-11-25 19:35:33.443278+00', '01a21434-c940-7ca7-8713-c77a0d6c6d21', 1, 'account-7', 'Withdrawn', 'request 4', null, '{"amount":14}', null),
    (87487, 1, '2026-11-25 19:35:33.4408+00', '2026-11-25 19:35:33.443287+00', '01a21434-c940-7ccc-8c66-54547b09e112', 1, 'account-21', 'Transferred', 'request 5', null, '{"amount":4,"to":"18"}', null),
    (87488, 1, '2026-11-25 19:35:33.440819+00', '2026-11-25 19:35:33.443294+00', '01a21434-c940-7d1a-886a-54e1dffd49d8', 1, 'account-17', 'Deposited', null, null, '{"amount":69}', null),
    (87489, 3, '2026-11-25 19:35:33.440829+00', '2026-11-25 19:35:33.443301+00', '01a21434-c940-7d43-9853-10712d96fe27', 1, 'account-35', 'Transferred', 'request 7', null, '{"amount":9,"to":"4"}', null),
    (87490, 1, '2026-11-25 19:35:33.440839+00', '2026-11-25 19:35:33.443308+00', '01a21434-c940-7d6c-9b86-ba0bb2302045', 1, 'account-6', 'Transferred', 'request 8', null, '{"amount":9,"to":"32"}', null),
    (87491, 1, '2026-11-25 19:35:33.440847+00', '2026-11-25 19:35:33.443315+00', '01a21434-c940-7d8d-9fac-de56f312fd60', 1, 'account-39', 'Deposited', null, null, '{"amount":41}', null),
    (87492, 2, '2026-11-25 19:35:33.440857+00', '2026-11-25 19:35:33.443323+00', '01a21434-c940-7db6-81e7-b3b8bc744be2', 1, 'account-22', 'Deposited', 'request 10', null, '{"amount":50}', null),
    (87493, 1, '2026-11-25 19:35:33.440864+00', '2026-11-25 19:35:33.443336+00', '01a21434-c940-7dd2-851b-8165122d9019', 1, 'account-9', 'Closed', 'request 11', null, '{}', null),
    (87494, 1, '2026-11-25 19:35:33.440875+00', '2026-11-25 19:35:33.443343+00', '01a21434-c940-7e00-8f7b-a0b22d5e0d95', 1, 'account-24', 'Withdrawn', null, null, '{"amount":6}', null),
    (116659, 2, '2026-11-25 19:35:38.845484+00', '2026-11-25 19:35:38.891618+00', '01a21434-de5d-77be-80b7-884344fdfba1', 1, 'account-33', 'Withdrawn', 'request 1', null, '{"amount":4}', null),
    (116660, 1, '2026-11-25 19:35:38.845653+00', '2026-11-25 19:35:38.891804+00', '01a21434-de5d-7a72-9088-1f73dc2da73b', 1, 'account-26', 'Transferred', 'request 2', null, '{"amount":3,"to":"6"}', null),
    (116661, 3, '2026-11-25 19:35:38.845693+00', '2026-11-25 19:35:38.891818+00', '01a21434-de5d-7b16-89cd-5a59caf69e4e', 1, 'account-22', 'Deposited', null, null, '{"amount":53}', null),
    (116662, 2, '2026-11-25 19:35:38.845717+00', '2026-11-25 19:35:38.891842+00', '01a21434-de5d-7b78-9959-6e6b9615f020', 1, 'account-10', 'Deposited', 'request 4', null, '{"amount":75}', null),
    (116663, 4, '2026-11-25 19:35:38.845729+00', '2026-11-25 19:35:38.891853+00', '01a21434-de5d-7ba9-8e64-bbeb60ba0180', 1, 'account-30', 'Withdrawn', 'request 5', null, '{"amount":11}', null),
    (116664, 1, '2026-11-25 19:35:38.845748+00', '2026-11-25 19:35:38.891861+00', '01a21434-de5d-7bf7-8941-7fbccf0d20d7', 1, 'account-13', 'Withdrawn', null, null, '{"amount":37}', null),
    (116665, 2, '2026-11-25 19:35:38.845762+00', '2026-11-25 19:35:38.89187+00', '01a21434-de5d-7c31-80de-edb622f5e460', 1, 'account-3', 'Transferred', 'request 7', null, '{"amount":1,"to":"33"}', null),
    (116666, 1, '2026-11-25 19:35:38.845778+00', '2026-11-25 19:35:38.891879+00', '01a21434-de5d-7c72-81d4-28aa5e911402', 1, 'account-8', 'Withdrawn', 'request 8', null, '{"amount":99}', null),
    (116667, 2, '2026-11-25 19:35:38.845791+00', '2026-11-25 19:35:38.891887+00', '01a21434-de5d-7ca7-9346-defbfcee0716', 1, 'account-34', 'Transferred', null, null, '{"amount":9,"to":"28"}', null),
    (116668, 2, '2026-11-25 19:35:38.845805+00', '2026-11-25 19:35:38.891896+00', '01a21434-de5d-7ce1-8ca8-cf3665849294', 1, 'account-17', 'Deposited', 'request 10', null, '{"amount":50}', null);

insert into log_identity (id, created_at) values
    ('71e517e7-ddd1-4600-af5c-c2e962623d9a', '2026-11-25 19:35:32.561037+00');

insert into offsets (kind, name, version, partition, log, "position", anchor, applied, events_per_second, epoch, owner, owner_pid, owner_started_at, leased_until, stopped_at, stopped_event, error, updated_at) values
    ('kept', 'turnover', 1, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 87494, '01a21434-c940-7e00-8f7b-a0b22d5e0d95', 56, 0, 2, null, null, null, null, null, null, null, '2026-11-25 19:35:35.618767+00'),
    ('projection', 'turnover', 1, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 87494, '01a21434-c940-7e00-8f7b-a0b22d5e0d95', 56, 0, 3, null, null, null, null, null, null, null, '2026-11-25 19:35:35.641649+00'),
    ('rebuild', 'turnover', 1, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 0, null, 0, 0, 2, null, null, null, null, null, null, null, '2026-11-25 19:35:35.653473+00'),
    ('subscription', 'letters', 1, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 32793, '01a21434-c87d-7eb0-9d35-73d56500be7f', 25, 0, 1, null, null, null, null, null, null, null, '2026-11-25 19:35:34.35364+00'),
    ('projection', 'account', 1, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 87494, '01a21434-c940-7e00-8f7b-a0b22d5e0d95', 59, 0, 1, null, null, null, null, null, null, null, '2026-11-25 19:35:34.850148+00'),
    ('rebuild', 'account', 2, 0, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 49200, '01a21434-c8b5-7578-9d5f-bc38335b534b', 40, 18.78781737748647, 1, 'lost pid 18382', 19341, '2026-11-25 19:35:35.998215+00', '2026-11-25 19:35:48.801388+00', null, null, null, '2026-11-25 19:35:38.801388+00');

insert into projections (name, version, kind, shape, view_table, active, shown_at, retired_at, created_at) values
    ('account', 1, 'projection', e'id text not null\nentries bigint not null\nbalance bigint not null\nlast_position bigint not null\nprimary key (id)', 'account_v1', 't', '2026-11-25 19:35:34.49424+00', null, '2026-11-25 19:35:34.390643+00'),
    ('turnover', 1, 'kept', e'kind text not null\ndigit bigint not null\nevents bigint not null\namount bigint not null\nlargest bigint\nlast_request text\nprimary key (kind, digit)\nindex (amount, digit)', 'turnover_v1', 'f', '2026-11-25 19:35:34.590093+00', null, '2026-11-25 19:35:34.390643+00'),
    ('turnover', 1, 'projection', e'kind text not null\ndigit bigint not null\nevents bigint not null\namount bigint not null\nlargest bigint\nlast_request text\nprimary key (kind, digit)\nindex (amount, digit)', 'turnover_v1_2', 't', '2026-11-25 19:35:35.733739+00', null, '2026-11-25 19:35:34.958752+00'),
    ('account', 2, 'rebuild', e'id text not null\nentries bigint not null\nbalance bigint not null\nlast_position bigint not null\nprimary key (id)', 'account_v2', 'f', null, null, '2026-11-25 19:35:36.029033+00');

insert into rebuilds (name, version, log, phase, goal, reached, row_count, position_sum, position_mix, changes_table, keyed, keep_old, loaded_by, started_at, updated_at, fill_schema) values
    ('account', 2, '71e517e7-ddd1-4600-af5c-c2e962623d9a', 'reading', 87494, 49200, 18, 984025, 89436294318699, 'account_v2_c', 'f', 'f', null, '2026-11-25 19:35:36.122943+00', '2026-11-25 19:35:38.79908+00', null);

insert into turnover_v1 (kind, digit, events, amount, largest, last_request) values
    ('Withdrawn', 3, 2, 125, 68, 'request 5'),
    ('Withdrawn', 9, 1, 23, null, 'request 1'),
    ('Withdrawn', 5, 1, 15, null, null),
    ('Withdrawn', 0, 2, 112, 82, null),
    ('Deposited', 0, 7, 431, 100, 'request 8'),
    ('Deposited', 8, 4, 192, 99, 'request 4'),
    ('Withdrawn', 8, 3, 74, null, null),
    ('Deposited', 1, 5, 273, 81, null),
    ('Deposited', 4, 3, 193, 95, 'request 10'),
    ('Deposited', 3, 3, 117, 89, null),
    ('Withdrawn', 7, 3, 79, 51, 'request 4'),
    ('Deposited', 6, 6, 296, 83, null),
    ('Deposited', 9, 3, 96, null, null),
    ('Deposited', 5, 2, 98, 53, 'request 4'),
    ('Deposited', 2, 3, 124, null, 'request 10'),
    ('Deposited', 7, 3, 168, 74, null),
    ('Withdrawn', 4, 2, 99, 93, null),
    ('Withdrawn', 2, 1, 93, 93, 'request 11'),
    ('Withdrawn', 6, 2, 143, 93, null);

insert into turnover_v1_2 (kind, digit, events, amount, largest, last_request) values
    ('Deposited', 9, 3, 96, null, null),
    ('Withdrawn', 4, 2, 99, 93, null),
    ('Deposited', 7, 3, 168, 74, null),
    ('Withdrawn', 9, 1, 23, null, 'request 1'),
    ('Withdrawn', 7, 3, 79, 51, 'request 4'),
    ('Deposited', 6, 6, 296, 83, null),
    ('Deposited', 2, 3, 124, null, 'request 10'),
    ('Withdrawn', 6, 2, 143, 93, null),
    ('Deposited', 5, 2, 98, 53, 'request 4'),
    ('Withdrawn', 2, 1, 93, 93, 'request 11'),
    ('Withdrawn', 5, 1, 15, null, null),
    ('Deposited', 0, 7, 431, 100, 'request 8'),
    ('Deposited', 1, 5, 273, 81, null),
    ('Deposited', 3, 3, 117, 89, null),
    ('Deposited', 4, 3, 193, 95, 'request 10'),
    ('Deposited', 8, 4, 192, 99, 'request 4'),
    ('Withdrawn', 0, 2, 112, 82, null),
    ('Withdrawn', 3, 2, 125, 68, 'request 5'),
    ('Withdrawn', 8, 3, 74, null, null);

select setval('positions', 116668);
