CREATE TABLE `signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`algorithm` text NOT NULL,
	`state` text NOT NULL,
	`public_key` text NOT NULL,
	`sealed_private_key` text,
	`created_at` integer NOT NULL,
	`retired_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_one_of_each` ON `signing_keys` (`algorithm`,`state`) WHERE state <> 'previous';