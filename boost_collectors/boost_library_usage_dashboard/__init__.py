"""Who uses Boost, as pages: metrics from the database, a data file, a report, static HTML, published by one push."""
