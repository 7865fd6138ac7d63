// The addresses of the window. Every page is its own piece, fetched when it is first wanted.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { CrashedPage } from './crashed'
import { NotFoundPage } from './pages/not-found'
import { Shell } from './shell'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage, errorComponent: CrashedPage })

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/home'), 'HomePage'),
})
const task = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks/$task',
  component: lazyRouteComponent(() => import('./pages/task'), 'TaskPage'),
})
const projects = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects',
  component: lazyRouteComponent(() => import('./pages/places'), 'ProjectsPlace'),
})
const scheduled = createRoute({
  getParentRoute: () => rootRoute,
  path: '/scheduled',
  component: lazyRouteComponent(() => import('./pages/places'), 'ScheduledPlace'),
})
const dispatch = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dispatch',
  component: lazyRouteComponent(() => import('./pages/places'), 'DispatchPlace'),
})
const archive = createRoute({
  getParentRoute: () => rootRoute,
  path: '/archive',
  component: lazyRouteComponent(() => import('./pages/places'), 'ArchivePlace'),
})
const customize = createRoute({
  getParentRoute: () => rootRoute,
  path: '/customize/$section',
  component: lazyRouteComponent(() => import('./pages/customize'), 'CustomizePage'),
})
const customizeStart = createRoute({
  getParentRoute: () => rootRoute,
  path: '/customize',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to send on
    throw redirect({ to: '/customize/$section', params: { section: 'general' }, replace: true })
  },
})
const welcome = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./pages/welcome'), 'WelcomePage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([home, task, projects, scheduled, dispatch, archive, customizeStart, customize, welcome]),
  defaultPreload: 'intent',
  defaultErrorComponent: CrashedPage,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
