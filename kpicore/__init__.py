"""From the raw logs of customer service to KPIs and reviews that anyone can check."""
