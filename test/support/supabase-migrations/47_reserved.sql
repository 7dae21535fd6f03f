-- Reserved for a migration that was taken back before its release.
-- (the number must not be used again: "47" is recorded in stage)
/* nothing; to; run; */
