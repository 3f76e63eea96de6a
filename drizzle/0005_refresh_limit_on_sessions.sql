ALTER TABLE `sessions` ADD `refresh_hits` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `refresh_resets_at` integer DEFAULT 0 NOT NULL;