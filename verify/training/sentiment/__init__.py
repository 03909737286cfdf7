"""The LSTM of Schuessler et al. 2020, section 4 and Fig. 5: sentiment of film reviews.

data        rated sentences: GLUE's SST-2, or the ratings in vaderSentiment's source archive
embedding   frozen word vectors: GloVe's text file, or co-occurrences of the training set
model       two layers of LSTM, last state to one logit
training    Adam in buckets of similar length, resumable
truncation  stacked matrices, joint truncation of dW or of W, the random bulk's edges
"""
