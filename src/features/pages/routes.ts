import type { Config } from '../../config/config.ts';
import type { Feature } from '../../core/http/feature.ts';
import { activityPages } from './activity-pages.ts';
import { addressPages } from './address-pages.ts';
import { commonAssets, imageSourcesOf, scriptAsset } from './assets.ts';
import { avatarPages } from './avatar-pages.ts';
import { AVATAR_SCRIPT } from './avatar-script.ts';
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
import { securityPages } from './security-pages.ts';
import { sessionPages } from './session-pages.ts';
import { signUpPages } from './sign-up-pages.ts';
import { HOME, SECURITY, type TargetOf, targetsOf } from './target.ts';
import { verifyPages } from './verify-pages.ts';
import { createVisitors, type VisitorParts } from './visits.ts';

type Parts<Create extends (parts: never) => unknown> = Omit<
  Parameters<Create>[0],
  'targetOf' | 'scriptPath'
>;

type UserPageParts = Parts<typeof profilePages> &
  Parts<typeof avatarPages> &
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
    /** True for the address of a page of another feature that a login can lead back to. */
    readonly isOtherTarget: (target: string) => boolean;
  };

/** The pages on which people use their accounts. */
export const accountPageFeature = (parts: AccountPageParts): Feature => ({
  addPages(create) {
    const { brand, origin, acceptsHost } = parts.config.pages;
    const { style, script } = commonAssets(brand);
    const avatarScript = scriptAsset('/account/picture', AVATAR_SCRIPT);
    const visitors = createVisitors(parts);
    const layout = createLayout({
      brand,
      stylePaths: [style.path],
      scriptPaths: [script.path],
      home: HOME,
      navigationOf,
      doneOf: ({ texts }) => texts.frame.done,
    });

    const targetOf: TargetOf = (visit) => targets(visit);
    const pages: readonly Page[] = [
      ...logInPages({ ...parts, targetOf }),
      ...signUpPages({ ...parts, targetOf }),
      ...codePages({ ...parts, targetOf }),
      ...recoveryPages(parts),
      ...verifyPages({ ...parts, targetOf }),
      ...linkPages(parts),
      ...overviewPages(parts),
      ...profilePages(parts),
      ...avatarPages({ ...parts, scriptPath: avatarScript.path }),
      ...securityPages(),
      ...passwordPages(parts),
      ...addressPages(parts),
      ...sessionPages(parts),
      ...devicePages(parts),
      ...activityPages(parts),
      ...confirmPages({ ...parts, targetOf }),
      ...dataPages(parts),
    ];
    const targets = targetsOf(pages, parts.isOtherTarget);

    const routes = create({
      root: HOME,
      origin,
      acceptsHost,
      policy: { imageSources: imageSourcesOf(brand) },
      onError: errorPage(pages, { visitors, layout }),
    });
    for (const asset of [style, script, ...(parts.files ? [avatarScript] : [])]) routes.file(asset);
    addPages(routes, pages, { ...parts, visitors, layout });
  },
});

const navigationOf = ({ texts: { frame, account } }: Visit) => ({
  label: frame.navigation,
  pages: [
    [HOME, account.overview.link],
    [SECURITY, account.security.link],
    ['/account/data', account.data.link],
  ] satisfies Navigation,
});
