/** The addresses of the console; every screen is a file of its own, fetched when it is opened. */

import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';

import { meQuery } from './api/queries.ts';
import {
  auditSearch,
  caseSearch,
  executionSearch,
  executionsSearch,
  replaySearch,
  reviewSearch,
  runSearch,
  templateSearch,
  verifySearch,
} from './search.ts';
import { ProblemPanel } from './ui/States.tsx';
import { NotFound } from './screens/NotFound.tsx';
import { Shell } from './screens/Shell.tsx';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <ProblemPanel error={error} />,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./screens/SignIn.tsx'), 'SignIn'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  // Asked while the screen's script is on its way: nothing of a screen is shown before it is known.
  beforeLoad: ({ context }) => void context.client.prefetchQuery(meQuery),
});
const parent = { getParentRoute: () => shell };

const home = createRoute({
  ...parent,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/runbooks' });
  },
});
const runbooks = createRoute({
  ...parent,
  path: '/runbooks',
  component: lazyRouteComponent(() => import('./screens/runbooks/Templates.tsx'), 'Templates'),
});
const runbook = createRoute({
  ...parent,
  path: '/runbooks/$runbookId',
  validateSearch: templateSearch,
  component: lazyRouteComponent(() => import('./screens/runbooks/TemplatePage.tsx'), 'TemplatePage'),
});
const run = createRoute({
  ...parent,
  path: '/runbooks/$runbookId/run',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./screens/runbooks/RunForm.tsx'), 'RunForm'),
});
const executions = createRoute({
  ...parent,
  path: '/executions',
  validateSearch: executionsSearch,
  component: lazyRouteComponent(() => import('./screens/executions/Executions.tsx'), 'Executions'),
});
const execution = createRoute({
  ...parent,
  path: '/executions/$executionId',
  validateSearch: executionSearch,
  component: lazyRouteComponent(() => import('./components/runbooks/RunbookConsole.tsx'), 'RunbookConsole'),
});
const replay = createRoute({
  ...parent,
  path: '/executions/$executionId/replay',
  validateSearch: replaySearch,
  component: lazyRouteComponent(() => import('./components/runbooks/RunbookReplay.tsx'), 'RunbookReplay'),
});
const review = createRoute({
  ...parent,
  path: '/review',
  validateSearch: reviewSearch,
  component: lazyRouteComponent(
    () => import('./components/runbooks/OmbudsReviewQueue.tsx'),
    'OmbudsReviewQueue',
  ),
});
const reviewCase = createRoute({
  ...parent,
  path: '/review/$reviewId',
  validateSearch: caseSearch,
  component: lazyRouteComponent(() => import('./screens/review/ReviewCase.tsx'), 'ReviewCase'),
});
const verify = createRoute({
  ...parent,
  path: '/verify',
  validateSearch: verifySearch,
  component: lazyRouteComponent(() => import('./screens/verify/Verify.tsx'), 'Verify'),
});
const audit = createRoute({
  ...parent,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./screens/audit/Audit.tsx'), 'Audit'),
});
const settings = createRoute({
  ...parent,
  path: '/settings',
  component: lazyRouteComponent(() => import('./screens/settings/Settings.tsx'), 'Settings'),
});

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    runbooks,
    runbook,
    run,
    executions,
    execution,
    replay,
    review,
    reviewCase,
    verify,
    audit,
    settings,
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: '/console',
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
