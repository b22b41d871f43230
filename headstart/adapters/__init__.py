"""The only modules that import a framework: ray, kfp, s3fs, huggingface_hub. Each fills a protocol of the core."""
