"""The comparison that the command verify makes: request, schedule, report, figure."""
