"""What a sentence does and how suspicious it reads. Pure: no Django, no network; scikit-learn only in `training`."""
