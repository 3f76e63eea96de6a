CREATE TABLE `imports` (
	`source` text NOT NULL,
	`source_id` text NOT NULL,
	`user_id` integer,
	`imported_at` integer NOT NULL,
	`fingerprint` text,
	PRIMARY KEY(`source`, `source_id`)
);
--> statement-breakpoint
CREATE INDEX `imports_user` ON `imports` (`user_id`) WHERE user_id is not null;