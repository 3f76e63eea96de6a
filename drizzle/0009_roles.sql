CREATE TABLE `milestones` (
	`name` text PRIMARY KEY NOT NULL,
	`reached_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `user_roles` (
	`user_id` integer NOT NULL,
	`role` text NOT NULL,
	`granted_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `role`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `user_roles_role` ON `user_roles` (`role`,`user_id`);--> statement-breakpoint
ALTER TABLE `users` ADD `name_folded` text;--> statement-breakpoint
CREATE INDEX `users_name_folded` ON `users` (`name_folded`) WHERE name_folded is not null;--> statement-breakpoint
CREATE INDEX `users_unfolded` ON `users` (`created_at`) WHERE name is not null and name_folded is null;--> statement-breakpoint
CREATE INDEX `users_disabled` ON `users` (`disabled_at`) WHERE disabled_at is not null;--> statement-breakpoint
CREATE INDEX `users_locked` ON `users` (`locked_until`) WHERE locked_until is not null;--> statement-breakpoint
CREATE INDEX `users_unverified` ON `users` (`created_at`) WHERE email_verified_at is null and phone_verified_at is null;--> statement-breakpoint
ALTER TABLE `deleted_accounts` ADD `acts_cleared_to` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `audit_events_action` ON `audit_events` (`action`,`outcome`,`at`);--> statement-breakpoint
CREATE INDEX `audit_events_acted` ON `audit_events` (`actor_id`,`id`) WHERE actor_id <> subject_id;--> statement-breakpoint
CREATE INDEX `outbox_ended` ON `outbox` (`state`) WHERE state <> 'waiting';