import {cp, mkdir, mkdtemp, readdir, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'

/** The project as somebody just installed it: sources copied, packages linked, nothing prepared. */
export async function copyProject(): Promise<string> {
  const root = join(await mkdtemp(join(tmpdir(), 'project-')), 'a checkout ü#%25')
  await mkdir(root)
  for (const name of ['deploy', 'functions', 'lib', 'package.json', 'package-lock.json']) {
    await cp(join(projectRoot, name), join(root, name), {recursive: true})
  }
  await mkdir(join(root, 'node_modules'))
  for (const name of await readdir(join(projectRoot, 'node_modules'))) {
    if (name.startsWith('.')) continue
    await symlink(join(projectRoot, 'node_modules', name), join(root, 'node_modules', name))
  }
  return root
}
