import {runCommand} from '../cli/command.ts'
import {runMigrations} from '../migrations/migrations.ts'

await runCommand(runMigrations)
