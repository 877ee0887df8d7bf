select 1, 1.5, 1e10, 99999999999, 9999999999999999999999, 'x', null, true, B'101', X'1F'
--
select 1 + 1, 1 + 2.5, 1 + 1::int2, 1::int8 + 1::int2, 1 + '2', '1' + '2', 1.5::float4 + 1, -5, - 2.5, + 3, @ -4
--
select 'a' || 'b', 'a' || 1, 1 || 'a', array[1] || 2, 2 || array[1], array[1] || array[2], 'a' || array['b'], null || 'x'
--
select 'a' || null, 1 || 2
--
select b || c, b || d, a || b from t
--
select 10 / 3, 10 % 3, 2 ^ 3, 2 ^ 0.5, |/ 4, ||/ 27, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 3
--
select 1 = 1, 1 <> 2, 1 != 2, 1 < 2.5, 'a' < 'b', '1' = 1, true = 'f'
--
select a = '5', b = 5 from t
--
select b = a from t
--
select d > '2020-01-01', d > now() - interval '1 day', dt - dt, ts - ts, dt + 5, dt + interval '1 day', ts + iv, ti + iv from t, wide
--
select i2 + i4, i4 + i8, i8 + n, f4 + f8, n + f8, f4 * n, i2 * i2, i8 / i4, n % i4 from wide
--
select vc || ch, vc = ch, tx = nm, nm || nm, ch || tx, nm = 'x', vc like 'a%', nm like 'x', ch like 'y', by || by from wide
--
select a between 1 and 5, a not between 1 and 5, a between symmetric 5 and 1, a not between symmetric 1 and 5 from t
--
select a in (1, 2, 3), a in (1), a in (1, '2', 3.5), a not in (1, 2), b in ('x', 'y'), a in (a, 1, 2) from t
--
select a in ('x', 1) from t
--
select a in (1, b) from t
--
select (a, b) in ((1, 'x'), (2, 'y')), (a, b) = (1, 'x'), (a, b) < (2, 'z'), (a, c) >= (1, 2), (a, b) <> (1, 'y') from t
--
select row(1, 2) = row(1, 2, 3)
--
select row(1, 'a') is distinct from row(2, 'b'), 1 is distinct from null, a is not distinct from 5 from t
--
select (a, b) is null, (a, b) is not null, a is null, t is null from t
--
select a is true from t
--
select e is true, e is not false, e is unknown, not e, e and true, e or null from t
--
select not 1
--
select 1 and true
--
select 'x' and true
--
select case when e then 1 else 2.5 end, case when a = 1 then 'x' end, case a when 1 then null else 2 end from t
--
select case when e then 1 else 'x' end from t
--
select case when e then a else d end from t
--
select case 1 when 'x' then 1 end
--
select coalesce(a, 1.5), coalesce(null, 'x'), coalesce(null, null), greatest(a, c), least('a', b), nullif(a, 2), nullif('a', 'b'), coalesce(c, 0) from t
--
select coalesce(a, b) from t
--
select greatest(a, d) from t
--
select array[1, 2], array[1, 2.5], array['a', 'b'], array[[1, 2], [3, 4]], array[1, null], array[]::int[], array[null]::text[], array[array[1]]
--
select array[]
--
select array[1, 'x']
--
select array[1, now()]
--
select array[a, c] from t
--
select ai[1], ai[1:2], ai[:2], at[2], (array[1, 2, 3])[2], jb['a'], jb['a']['b'], jb[0], (array[[1, 2], [3, 4]])[1][2] from wide
--
select a[1] from t
--
select ai['x'] from wide
--
select ai[1.5], ai[1.5:2] from wide
--
select js['a'] from wide
--
select jb[1:2] from wide
--
select jb -> 'a', jb ->> 'a', jb -> 0, jb #> '{a,b}', jb #>> '{a}', js -> 'a', jb @> '{}', jb ? 'a', jb || '{}', jb - 'a', jb - 1, jb #- '{a}' from wide
--
select (pr).x, (pr).y, pr from wide
--
select (pr).z from wide
--
select (a).x from t
--
select row(1, 'x')::pair, (row(1, 'x')::pair).y, row(1, 'x'), (row(1, 2)).f1
--
select row(1)::pair
--
select row(1, 2, 3)::pair
--
select row('x', now())::pair
--
select (wide.pr).* from wide
--
select t from t
--
select t.* from t
--
select (t).a, (t).b from t
--
select (t.*).a from t
--
select t.x from t
--
select x.* from t
--
select m = 'ok', m > 'sad', m::text, 'happy'::mood, p + 1, p::int4, st || 'x', 5::posint, p = 3, enum_range(m), enum_range(null::mood) from wide
--
select 'angry'::mood
--
select '-1'::mood || 'x'
--
select r @> 5, lower(r), r && int4range(1, 5), r + r, range_merge(r, r), int4range(1, 2) = r from wide
--
select '5'::int, '5'::text::int, 5::text, 5.7::int, '2020-01-01'::date, 'x'::varchar(2), 'abc'::char(2), 5::numeric(4,2), '{1,2}'::int[], 't'::bool, 1::bool
--
select 'abc'::int
--
select '2020-13-45'::date
--
select now()::date, now()::time, current_date::timestamp, '1 day'::interval, interval '1' day, interval(3) '1 sec', timestamp(2) '2020-01-01', time '12:00', timestamptz '2020-01-01 00:00+00'
--
select true::int, 1::bool, 'x'::bytea, 5::oid, 5::money
--
select now()::int
--
select array[1, 2]::text[], array[1.5]::int[], '{a}'::text[]::varchar[], ai::int8[], at::varchar(3)[] from wide
--
select array[1]::int
--
select current_date, current_time, current_timestamp, localtime, localtimestamp, current_user, session_user, current_role, user, current_catalog, current_schema
--
select current_timestamp(3), current_time(2), localtime(1), localtimestamp(0)
--
select extract(year from now()), extract(epoch from iv), date_part('day', ts), extract(hour from ti) from wide
--
select extract(year from 'x')
--
select position('a' in 'banana'), substring('abc' from 2), substring('abc' from 2 for 1), substring('abc' from 'a'), substring('abc' similar 'a' escape '#'), overlay('abc' placing 'x' from 1), trim('  x '), trim(both 'x' from 'xax'), trim(leading from ' a'), btrim('a')
--
select 'a' like 'b', 'a' ilike 'b', 'a' not like 'b', 'a' like 'b' escape '#', 'a' similar to 'b', 'a' ~ 'b', 'a' !~* 'b'
--
select now() at time zone 'UTC', timestamp '2020-01-01' at time zone 'UTC', now() at time zone interval '1 hour', time '10:00' at time zone 'UTC'
--
select (date '2020-01-01', date '2020-01-02') overlaps (date '2020-01-01', interval '1 day')
--
select 'x' collate "C", b collate "C" < 'y' from t
--
select a collate "C" from t
--
select 1 collate nope
--
select b collate nope from t
--
select b collate "en_US" from t
--
select 1 ===== 2
--
select 1 +
--
select - 'x'
--
select -b from t
--
select 5 ! 
--
select 'a' + 'b'
--
select now() + now()
--
select a + b from t
--
select 1 operator(pg_catalog.+) 2, 1 operator(nope.+) 2
--
select 1 operator(public.+) 2
--
select a::nope from t
--
select a::pg_catalog.int4, a::pg_catalog.nope from t
--
select a::nope.int4 from t
--
select a::int4(5) from t
--
select a::varchar(0) from t
--
select a::numeric(1001) from t
--
select a::numeric(10, 5, 3) from t
--
select a::t.b%type from t
--
select 5 = any(array[1, 2]), 5 = any('{1,2}'), 5 <> all(array[1]), 'a' = any(array['b', null]), b like any(array['a%', 'b%']), 5 = any(null) from t
--
select 5 = any(5)
--
select 5 = any(b) from t
--
select 'x' = any(ai) from wide
--
select $1
--
select $1 + 1, $2 || 'x', $3::date, $1
--
select $1 = $2
--
select $1, $1 + 1
--
select $1::int, $1::text
--
select $2
--
select a = $1, b = $2, c = $3, d > $4, e = $5 from t where a in ($6, $7) limit $8 offset $9
--
select $1 || $2
--
select coalesce($1, 5), case when $2 then $3 else 1.5 end, array[$4, 1], $5 between 1 and 2
--
select * from t where b like $1 and d between $2 and $3 and a = any($4)
--
select abs($1), length($1)
--
select $1[1]
--
select jb -> $1, jb ->> $2 from wide
--
select '1'::int8 = 1, 1::int2 = 1::int8, 1.5::float4 = 1.5
--
select 'a'::"char", 'a'::name, 'a'::varchar = 'a'::text, 'a'::char(3) = 'a'::text
--
select b'1' & b'0', b'1' || b'0'
--
select inet '10.0.0.1' + 5, inet '10.0.0.0/8' >> '10.0.0.1', macaddr '08:00:2b:01:02:03'
--
select point '(1,2)' + point '(1,1)', box '(1,1),(2,2)' @> point '(1,1)'
--
select 'a'::tsvector @@ 'a'::tsquery, to_tsvector('a b') @@ to_tsquery('a')
--
select xmlelement(name a)
--
select grouping(a) from t
--
select grouping(a) from t group by b
--
select pg_typeof(1), pg_typeof('x'), pg_typeof(null)
--
select date '2020-01-01' + time '10:00', date '2020-01-01' - 5, date '2020-01-01' - interval '1 day', time '10:00' - time '9:00'
--
select 1 in (select a from t), 1 = any (select a from t), (1, 'x') in (select a, b from t), (select 5), (select a from t), array(select a from t), exists (select 1)
--
select 1 in (select a, b from t)
--
select (1, 2) in (select a from t)
--
select (select a, b from t)
--
select (a, b) = (select 1, 'x') from t
--
select (a, b) = (select 1) from t
--
select (a, b) < (select 1, 'x'), a = all (select 1.5), b <> all (select 'x') from t
--
select 1 = any (select 'x')
--
select a = any (select b from t) from t
--
select (select x.a from t x where x.b = t.b), (select t.a) from t
--
