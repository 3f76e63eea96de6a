CREATE TABLE `avatars` (
	`key` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`store` text NOT NULL,
	`size` integer NOT NULL,
	`created_at` integer NOT NULL,
	`remove_at` integer
);
--> statement-breakpoint
CREATE INDEX `avatars_user` ON `avatars` (`user_id`);--> statement-breakpoint
CREATE INDEX `avatars_removed` ON `avatars` (`remove_at`) WHERE remove_at is not null;--> statement-breakpoint
ALTER TABLE `users` ADD `avatar_key` text;--> statement-breakpoint
ALTER TABLE `users` ADD `time_zone` text;--> statement-breakpoint
ALTER TABLE `users` ADD `fields` text;