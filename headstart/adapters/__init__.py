"""The only modules that import a framework: ray, kfp, botocore, s3fs, obstore, huggingface_hub.

Each fills a protocol of the core.
"""
