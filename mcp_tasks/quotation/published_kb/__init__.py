"""The knowledge files of the published Panelin assistant: read, doubted, and taken over as far as they are clear.

Its own files name one SKU on many products and several prices for one product. So a price is only taken where the SKU
and the words of an item lead to the same product, and all items of that product agree; the rest is for a person.
"""
