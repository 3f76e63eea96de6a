import type { Config } from '../../config/config.ts';
import type { Feature } from '../../core/http/feature.ts';
import { commonAssets, imageSourcesOf, scriptAsset, styleAsset } from '../pages/assets.ts';
import { createLayout, type Navigation } from '../pages/layout.ts';
import type { Page, Visit } from '../pages/page.ts';
import { addPages, errorPage } from '../pages/register.ts';
import { HOME } from '../pages/target.ts';
import { createVisitors, type VisitorParts } from '../pages/visits.ts';
import type { SessionStore } from '../sessions/store.ts';
import { actPages } from './act-page.ts';
import { auditPages } from './audit-page.ts';
import { dashboardPages } from './dashboard-page.ts';
import { invitePages } from './invite-page.ts';
import { AUDIT, DASHBOARD, USERS } from './paths.ts';
import { ADMIN_SCRIPT } from './script.ts';
import { ADMIN_STYLE } from './style.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';
import { userListPages } from './user-list-page.ts';
import { userPages } from './user-page.ts';

export type AdminPageParts = VisitorParts &
  Parameters<typeof dashboardPages>[0] &
  Parameters<typeof userListPages>[0] &
  Parameters<typeof userPages>[0] &
  Parameters<typeof actPages>[0] &
  Parameters<typeof auditPages>[0] & {
    readonly config: Pick<Config, 'pages'>;
    readonly sessions: Pick<SessionStore, 'findMember'>;
  };

/** The pages on which administrators see and change accounts. */
export const adminPageFeature = (parts: AdminPageParts): Feature => ({
  addPages(create) {
    const { brand, origin, acceptsHost } = parts.config.pages;
    const common = commonAssets(brand);
    const style = styleAsset('/admin/style', ADMIN_STYLE);
    const script = scriptAsset('/admin/script', ADMIN_SCRIPT);
    const visitors = createVisitors(parts, (id, userId) => parts.sessions.findMember(id, userId));
    const layout = createLayout({
      brand,
      stylePaths: [common.style.path, style.path],
      scriptPaths: [common.script.path, script.path],
      home: DASHBOARD,
      navigationOf,
      doneOf: ({ locale }) => ADMIN_TEXTS[locale].done,
    });
    const pages: readonly Page[] = [
      ...dashboardPages(parts),
      ...userListPages(parts),
      ...userPages(parts),
      ...actPages(parts),
      ...invitePages(parts),
      ...auditPages(parts),
    ];
    const routes = create({
      root: DASHBOARD,
      origin,
      acceptsHost,
      policy: { imageSources: imageSourcesOf(brand), fetches: true },
      onError: errorPage(pages, { visitors, layout }),
    });
    for (const asset of [style, script]) routes.file(asset);
    addPages(routes, pages, { ...parts, visitors, layout });
  },
});

function navigationOf({ locale, texts }: Visit) {
  const { navigation, dashboard, users, audit } = ADMIN_TEXTS[locale];
  return {
    label: navigation,
    pages: [
      [DASHBOARD, dashboard.title],
      [USERS, users.title],
      [AUDIT, audit.title],
      [HOME, texts.account.overview.title],
    ] satisfies Navigation,
  };
}
