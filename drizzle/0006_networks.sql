CREATE TABLE `known_networks` (
	`user_id` integer NOT NULL,
	`network` text NOT NULL,
	`last_seen_at` integer NOT NULL,
	`last_login_at` integer,
	PRIMARY KEY(`user_id`, `network`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `known_networks_last_seen` ON `known_networks` (`last_seen_at`);--> statement-breakpoint
CREATE TABLE `login_failures` (
	`user_id` integer NOT NULL,
	`network` text NOT NULL,
	`failures` integer NOT NULL,
	`failing_since` integer NOT NULL,
	`locked_until` integer,
	PRIMARY KEY(`user_id`, `network`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `login_failures_since` ON `login_failures` (`failing_since`);--> statement-breakpoint
CREATE TABLE `refused_logins` (
	`hour` integer NOT NULL,
	`network` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`hour`, `network`)
);
--> statement-breakpoint
ALTER TABLE `sessions` ADD `last_network` text;--> statement-breakpoint
ALTER TABLE `users` ADD `known_failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `known_failing_since` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `change_failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `change_failing_since` integer;--> statement-breakpoint
INSERT INTO `known_networks` (`user_id`, `network`, `last_seen_at`, `last_login_at`)
SELECT `user_id`, replace(`address`, '::ffff:', ''), max(`last_used_at`), max(`created_at`) FROM `sessions`
WHERE replace(`address`, '::ffff:', '') NOT LIKE '%:%' GROUP BY 1, 2;
