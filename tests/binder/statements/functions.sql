select abs(-1), abs(-1.5), abs(1::int2), round(1.5), round(1.5, 1), round(1.5::float8), floor(1.5), ceil(2), sqrt(4), power(2, 3), mod(5, 3), sign(-1), trunc(1.5), random(), pi()
--
select length('x'), upper('x'), lower(b), substr('abc', 1, 2), replace('a', 'b', 'c'), split_part('a,b', ',', 1), lpad('x', 5), lpad('x', 5, 'y'), left('abc', 2), concat('a', 1, null), concat_ws(',', 'a', 1), format('%s', 1), md5('x'), repeat('x', 3), reverse('x'), strpos('a', 'b'), initcap('x'), ascii('x'), chr(65), to_hex(5), quote_ident('x'), quote_literal(5) from t
--
select now(), clock_timestamp(), age(now()), age(now(), now()), date_trunc('day', now()), date_trunc('day', timestamp '2020-01-01'), to_char(now(), 'YYYY'), to_char(5, '9'), to_date('x', 'y'), to_timestamp(5), to_timestamp('a', 'b'), make_date(1, 2, 3), make_interval(days => 5), justify_days(interval '1 day')
--
select make_interval(0, 1, hours => 5)
--
select make_interval(days => 1, 5)
--
select make_interval(days => 1, days => 2)
--
select make_interval(nope => 1)
--
select array_length(ai, 1), array_append(ai, 5), array_prepend(5, ai), array_cat(ai, ai), unnest(ai), array_to_string(ai, ','), string_to_array('a,b', ','), array_position(ai, 5), array_remove(ai, 5), cardinality(ai), array_agg(i4) over (), array_upper(ai, 1), array_dims(ai), array_fill(1, array[3]) from wide
--
select array_append(ai, 'x') from wide
--
select array_append(ai, 1.5) from wide
--
select array_append(5, 5)
--
select array_append(null, 5), array_append(array[1], null)
--
select array_cat(array[1], array['x'])
--
select array_cat(array[1], array[1.5])
--
select array_position(array['a'], 'a'), array_position(array['a'::varchar], 'a')
--
select coalesce(nullif(b, ''), 'x'), num_nulls(1, null), num_nonnulls(variadic array[1, null]) from t
--
select foo()
--
select foo(1, 'x')
--
select public.foo(1)
--
select nope.foo(1)
--
select lower(5)
--
select lower(a) from t
--
select upper()
--
select upper('a', 'b')
--
select length(a) from t
--
select substr(1, 2)
--
select power('2', 3), power('2', '3'), sqrt('4'), abs('5')
--
select round('1.5')
--
select round(b) from t
--
select to_char(b, 'x') from t
--
select date_trunc('day', b) from t
--
select date_trunc('day', '2020-01-01')
--
select sum(a), avg(a), min(a), max(b), count(*), count(a), count(distinct b), sum(c), avg(c), sum(i2), sum(i8), sum(f4), sum(f8), avg(f8), stddev(a), string_agg(b, ','), array_agg(a), bool_and(e), json_agg(a), jsonb_agg(b), max(dt), min(ts), sum(iv), avg(iv) from t, wide
--
select sum(b) from t
--
select sum(e) from t
--
select avg(d) from t
--
select max(js) from wide
--
select max(jb) from wide
--
select count() from t
--
select sum(*) from t
--
select lower(*) from t
--
select lower(distinct 'x')
--
select string_agg(b, ',' order by a), array_agg(distinct b order by b), count(*) filter (where a > 1), sum(a order by b) from t
--
select string_agg(distinct b, ',' order by a) from t
--
select string_agg(b order by a, ',') from t
--
select percentile_cont(0.5) within group (order by a), percentile_disc(0.5) within group (order by b), mode() within group (order by b), rank(5) within group (order by a), percentile_cont(array[0.5, 0.9]) within group (order by f8) from t, wide
--
select percentile_cont(0.5) from t
--
select sum(a) within group (order by a) from t
--
select rank() within group (order by a) from t
--
select rank(1, 2) within group (order by a) from t
--
select rank('x') within group (order by a) from t
--
select percentile_cont(0.5) within group (order by a) over () from t
--
select row_number() over (), rank() over (order by a), dense_rank() over w, lag(a) over w, lag(b, 1, 'x') over w, lead(a, 2) over (partition by b order by a), first_value(b) over w, nth_value(a, 2) over w, ntile(4) over w, sum(a) over (order by a rows 2 preceding), cume_dist() over w, percent_rank() over w from t window w as (partition by b order by c)
--
select row_number() from t
--
select rank(1) over () from t
--
select lower(b) over () from t
--
select sum(a) over nope from t
--
select sum(a) over (nope order by a) from t
--
select sum(sum(a)) over () from t
--
select sum(sum(a)) from t
--
select sum(row_number() over ()) from t
--
select row_number() over (order by row_number() over ()) from t
--
select count(*) over (order by a range between 1 preceding and 1 following), sum(a) over (order by d range between interval '1 day' preceding and current row), sum(a) over (order by a groups 1 preceding), sum(a) over (order by a rows between unbounded preceding and 1 following exclude ties) from t
--
select sum(a) over (order by a range between 'x' preceding and current row) from t
--
select sum(a) over (order by b range between 1 preceding and current row) from t
--
select sum(a) over (order by a, b range between 1 preceding and current row) from t
--
select sum(a) over (groups 1 preceding) from t
--
select sum(a) over (order by a rows a preceding) from t
--
select sum(a) over (order by d range 5 preceding) from t
--
select sum(a) over (w order by b) from t window w as (order by a)
--
select sum(a) over (w partition by b) from t window w as (order by a)
--
select sum(a) over (w) from t window w as (order by a rows 1 preceding)
--
select sum(a) over w from t window w as (order by a), w as (order by b)
--
select count(distinct a) over () from t
--
select sum(a order by a) over () from t
--
select generate_series(1, 3), unnest(array[1, 2]), a from t
--
select generate_series(1, 3) + 1, sum(generate_series(1, 3))
--
select case when true then generate_series(1, 3) end
--
select coalesce(generate_series(1, 3), 1)
--
select * from t where generate_series(1, 2) = 1
--
select a from t limit generate_series(1, 2)
--
select a from t group by generate_series(1, 2)
--
select sum(a) from t where sum(a) > 1
--
select a from t where row_number() over () = 1
--
select a from t having a > 1
--
select b from t having count(*) > 1
--
select count(*) from t having sum(a) > 1
--
select sum((select a)) from t
--
select (select sum(t.a)) from t
--
select (select sum(t.a + u.a) from u) from t
--
select a, (select sum(u.a) from u where u.b = t.b) from t group by a
--
select b, (select count(*) from u where u.a = t.a) from t group by b
--
select int4('5'), text(5), int8(5), varchar('x'), float8(1), date(now()), numeric('1.5'), bool('t'), name('x')
--
select int4(now())
--
select json_build_object('a', 1), json_build_array(1, 'x'), to_json(a), to_jsonb(t), row_to_json(t), jsonb_set(jb, '{a}', '1'), jsonb_array_elements(jb), json_each(js), jsonb_object_keys(jb), jsonb_typeof(jb) from t, wide
--
select jsonb_set(jb, 'a', 1) from wide
--
select nextval('x'), currval('x'::regclass), setval('x', 5), pg_get_serial_sequence('a', 'b')
--
select gen_random_uuid(), uu = '00000000-0000-0000-0000-000000000000', version(), current_database(), pg_backend_pid(), current_setting('x'), set_config('a', 'b', false), txid_current() from wide
--
select regexp_replace('a', 'b', 'c'), regexp_replace('a', 'b', 'c', 'g'), regexp_matches('a', 'b'), regexp_split_to_table('a', 'b'), regexp_match('a', 'b'), regexp_split_to_array('a', 'b'), regexp_count('a', 'b'), regexp_like('a', 'b')
--
select greatest(), coalesce()
--
select variadic array[1]
--
select concat(variadic array['a', 'b']), format('%s', variadic array[1, 2]), concat(variadic 5)
--
select json_populate_record(null::pair, '{}'), jsonb_populate_record(null::t, '{}')
--
select * from json_to_record('{}') as x(a int, b text)
--
select * from json_to_record('{}')
--
select * from json_to_record('{}') as x
--
select * from generate_series(1, 3) as g(a int)
--
select * from unnest(array[1, 2], array['a', 'b']) as x(a, b)
--
select * from unnest(array[1, 2]) with ordinality as x(a, o)
--
select * from rows from (generate_series(1, 3), generate_series(1, 5)) as x(a, b)
--
select * from json_each('{}'), jsonb_each_text('{}') j
--
select * from lower('x'), now() n, current_date d
--
select g from generate_series(1, 3) g
--
select g.g, g.* from generate_series(1, 3) g
--
select * from generate_series(now(), now(), '1 day')
--
select * from generate_series(1, 2.5)
--
select * from generate_series(1, 'x')
--
select x from t, generate_series(1, t.a) x
--
select * from pg_get_keywords()
--
select * from nope(1)
--
select count(*) from t, lateral (select t.a + 1 as z) x where z > 1
--
select * from t, (select t.a) x
--
select * from t left join lateral (select t.a as q) x on true
--
select * from t right join lateral (select t.a as q) x on true
--
select b(t), t.lower from t
--
select a(t.*) from t
--
select pg_catalog.lower('x'), pg_catalog.count(*) from t
--
