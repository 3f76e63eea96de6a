CREATE TABLE `codes` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` integer,
	`purpose` text NOT NULL,
	`kind` text NOT NULL,
	`channel` text NOT NULL,
	`address` text NOT NULL,
	`entered` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `codes_user` ON `codes` (`user_id`,`purpose`);--> statement-breakpoint
CREATE INDEX `codes_expires` ON `codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` integer,
	`kind` text NOT NULL,
	`channel` text NOT NULL,
	`sealed` text,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`not_before` integer NOT NULL,
	`locked_until` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `outbox_waiting` ON `outbox` (`not_before`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `outbox_expires` ON `outbox` (`expires_at`);--> statement-breakpoint
CREATE TABLE `reserved_addresses` (
	`channel` text NOT NULL,
	`address` text NOT NULL,
	`entered` text NOT NULL,
	`user_id` integer NOT NULL,
	`verified_at` integer NOT NULL,
	`reserved_until` integer NOT NULL,
	PRIMARY KEY(`channel`, `address`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `reserved_addresses_user` ON `reserved_addresses` (`user_id`);--> statement-breakpoint
CREATE INDEX `reserved_addresses_until` ON `reserved_addresses` (`reserved_until`);--> statement-breakpoint
ALTER TABLE `sessions` ADD `auth_time` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `email_verified_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `phone_verified_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `code_failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `code_failing_since` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `codes_locked_until` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `session_code_failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `session_code_failing_since` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `session_codes_locked_until` integer;