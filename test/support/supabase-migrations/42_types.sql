create type public.money_amount as (amount numeric, currency char(3));

create function public.seconds_between(later timestamptz, earlier timestamptz) returns float8
language sql immutable strict as 'select extract(epoch from later - earlier)::float8';
create type public.usage_window as range (subtype = timestamptz, subtype_diff = public.seconds_between);

create function public.add_money(a public.money_amount, b public.money_amount) returns public.money_amount
language plpgsql immutable strict as $$
begin
  if a.currency is distinct from b.currency then
    raise exception '% and % don''t add up', a.currency, b.currency using errcode = 'data_exception';
  end if;
  return (a.amount + b.amount, a.currency);
end $$;
create operator public.+ (leftarg = public.money_amount, rightarg = public.money_amount, function = public.add_money, commutator = +);
create aggregate public.sum (public.money_amount) (sfunc = public.add_money, stype = public.money_amount, parallel = safe);
create function public.money_to_numeric(m public.money_amount) returns numeric language sql immutable as 'select m.amount';
create cast (public.money_amount as numeric) with function public.money_to_numeric(public.money_amount);
