import {BigQueryRefusal, invalidQuery, unsupported} from './refusal.ts'
import type {TablePath} from './statement-tree.ts'

export type TableName = {readonly dataset: string; readonly table: string}

/** @throws BigQueryRefusal for a path that names no table of this project. */
export function toTableName(path: TablePath, projectId: string): TableName {
  const {parts} = path
  const [table = '', dataset = '', project = projectId, ...others] = parts.toReversed()
  if (dataset === '' || others.length > 0) {
    throw invalidQuery(`Table "${parts.join('.')}" must be qualified with a dataset (e.g. dataset.table)`, path)
  }
  if (project !== projectId) {
    throw new BigQueryRefusal(
      403,
      'accessDenied',
      `Access Denied: Project ${project}: the sandbox has ${projectId} only`,
    )
  }
  if (!/^\w+$/.test(dataset) || !/^\w+$/.test(table)) throw unsupported(`the table name ${parts.join('.')}`, path)
  return {dataset, table}
}
