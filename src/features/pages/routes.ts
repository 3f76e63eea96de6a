import type { Config } from '../../config/config.ts';
import { digestOf } from '../../core/crypto/digest.ts';
import type { Feature } from '../../core/http/feature.ts';
import { activityPages } from './activity-pages.ts';
import { addressPages } from './address-pages.ts';
import { codePages } from './code-pages.ts';
import { confirmPages } from './confirm-pages.ts';
import { dataPages } from './data-pages.ts';
import { devicePages } from './device-pages.ts';
import type { Navigation } from './layout.ts';
import { createLayout } from './layout.ts';
import { linkPages } from './link-pages.ts';
import { logInPages } from './log-in-pages.ts';
import { overviewPages } from './overview-pages.ts';
import type { Page, Visit } from './page.ts';
import { passwordPages } from './password-pages.ts';
import { profilePages } from './profile-pages.ts';
import { recoveryPages } from './recovery-pages.ts';
import { addPages, errorPage } from './register.ts';
import { SCRIPT } from './script.ts';
import { securityPages } from './security-pages.ts';
import { sessionPages } from './session-pages.ts';
import { signUpPages } from './sign-up-pages.ts';
import { styleOf } from './style.ts';
import { HOME, SECURITY, type TargetOf, targetsOf } from './target.ts';
import { verifyPages } from './verify-pages.ts';
import { createVisitors, type VisitorParts } from './visits.ts';

type Parts<Create extends (parts: never) => unknown> = Omit<Parameters<Create>[0], 'targetOf'>;

type UserPageParts = Parts<typeof profilePages> &
  Parts<typeof passwordPages> &
  Parts<typeof addressPages> &
  Parts<typeof sessionPages> &
  Parts<typeof devicePages> &
  Parts<typeof activityPages> &
  Parts<typeof confirmPages> &
  Parts<typeof dataPages>;

export type AccountPageParts = VisitorParts &
  Parts<typeof logInPages> &
  Parts<typeof signUpPages> &
  Parts<typeof codePages> &
  Parts<typeof recoveryPages> &
  Parts<typeof verifyPages> &
  Parts<typeof linkPages> &
  UserPageParts & {
    readonly config: Pick<Config, 'pages' | 'signUpMode'>;
  };

/** The length of the part of a digest that names a file. */
const NAME_LENGTH = 12;

/** The pages on which people use their accounts. */
export const accountPageFeature = (parts: AccountPageParts): Feature => ({
  addPages(create) {
    const { brand, origin, acceptsHost } = parts.config.pages;
    const style = styleOf(brand);
    const stylePath = `/account/style-${digestOf(style).slice(0, NAME_LENGTH)}.css`;
    const scriptPath = `/account/script-${digestOf(SCRIPT).slice(0, NAME_LENGTH)}.js`;
    const visitors = createVisitors(parts);
    const layout = createLayout({ brand, stylePath, scriptPath, navigationOf });

    const targetOf: TargetOf = (visit) => targets(visit);
    const pages: readonly Page[] = [
      ...logInPages({ ...parts, targetOf }),
      ...signUpPages({ ...parts, targetOf }),
      ...codePages({ ...parts, targetOf }),
      ...recoveryPages(parts),
      ...verifyPages({ ...parts, targetOf }),
      ...linkPages(parts),
      ...overviewPages(),
      ...profilePages(parts),
      ...securityPages(),
      ...passwordPages(parts),
      ...addressPages(parts),
      ...sessionPages(parts),
      ...devicePages(parts),
      ...activityPages(parts),
      ...confirmPages({ ...parts, targetOf }),
      ...dataPages(parts),
    ];
    const targets = targetsOf(pages);

    const routes = create({
      origin,
      acceptsHost,
      imageSources: brand.logo === undefined ? [] : [new URL(brand.logo).origin],
      onError: errorPage(pages, { visitors, layout }),
    });
    routes.file(stylePath, style, 'text/css');
    routes.file(scriptPath, SCRIPT, 'text/javascript');
    addPages(routes, pages, { ...parts, visitors, layout });
  },
});

const navigationOf = ({ texts: { account } }: Visit): Navigation => [
  [HOME, account.overview.link],
  [SECURITY, account.security.link],
  ['/account/data', account.data.link],
];
