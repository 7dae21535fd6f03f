import type {CreateRoutes} from './route.ts'

const createHealthRoutes: CreateRoutes = ({release}) => [
  {
    operation: 'health',
    method: 'GET',
    path: '/health',
    isOpen: true,
    prepare: () => ({work: () => ({status: 'healthy', version: release.version})}),
  },
]
export default createHealthRoutes
