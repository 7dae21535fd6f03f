comment on schema private is 'Not exposed by PostgREST; "internal" is the word in the docs';
comment on function public.accept_invitation(text) is 'RPC: supabase.rpc(''accept_invitation'', {invitation_token})';
comment on type public.member_role is E'read_only < collaborator < owner\n(in order of power)';
comment on constraint settings_is_object on public.organizations is $c$'{}' at least; never null, [] or "text"$c$;
comment on policy "own notifications" on public.notifications is 'Ναι — μόνο τα δικά σου';
comment on view public.cost_trends is null;
