alter type public.provider_kind add value if not exists 'gemini' after 'anthropic';
alter type public.provider_kind add value if not exists 'deepseek';
alter type public.provider_kind rename value 'azure' to 'microsoft_azure';
